// Package models holds what the shop's services write.
package models

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Status is what becomes of an order.
type Status string

const (
	StatusOpen      Status = "open"
	StatusPaid      Status = "paid"
	StatusInTransit Status = "in transit"
)

const Unrelated = 3

type Channel string

const Web = Channel("web")
const Shop = Channel("shop")

// Money is a type of the house: cents.
type Money int64

// Audit is written into every row.
type Audit struct {
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt *time.Time `json:"updated_at"`
	Note      string     `json:"note"` // hidden by the order's own
}

/*
 * Address is where things go.
 */
type Address struct {
	Street string `json:"street" pii:"address" access:"support" validate:"max=80"`
	City   string `json:"city"`
	Zip    string `json:"zip" desc:"as the post office writes it"`
}

// Line is one thing that was bought.
type Line struct {
	SKU      string          `json:"sku" validate:"required"`
	Quantity uint16          `json:"quantity" validate:"gte=1,lte=999"`
	Price    decimal.Decimal `json:"price" runi:"type=decimal(12, 2)" validate:"gte=0"`
}

// Order is what a customer bought.
//
// One row is one order, as it stands at the end of the day.
//
//runi:version=1.2.0,owner(shop, contact="shop@example.com"),class=confidential
//runi:@rule(on_fail=warn) "paid orders have a date": paid_at is not null or status <> 'paid'
//go:generate stringer -type=Status
type Order struct {
	Audit
	ID         uuid.UUID         `json:"id" runi:"key"`
	Number     int64             `json:"number" validate:"gt=0" runi:"unique,id=7"`
	Customer   string            `json:"customer" validate:"required,email" pii:"email" access:"support, billing" mask:"hash"`
	Phone      sql.NullString    `json:"phone" validate:"omitempty,e164" pii:"true" mask:"partial,keep=2"`
	Nickname   string            `json:"nickname,omitempty" validate:"max=40" class:"restricted"`
	Status     Status            `json:"status" default:"open"`
	Channel    *Channel          `json:"channel"`
	Size       string            `json:"size" enum:"s,m,l"`
	Tier       string            `json:"tier" validate:"oneof=gold silver 'no tier'"`
	Rating     int               `json:"rating" validate:"oneof=1 2 3"`
	Total      Money             `json:"total" validate:"gte=0" unit:"EUR-cents" desc:"what the customer pays"`
	Discount   float64           `json:"discount" validate:"gt=0,lte=0.5" default:"0.1"`
	Weight     float32           `json:"weight" validate:"gt=0,lt=100"`
	Country    string            `json:"country" validate:"len=2,iso3166_1_alpha2"`
	Code       string            `json:"code" runi:"matches=[A-Z]{3}[0-9]+" validate:"alphanum"`
	PaidAt     *time.Time        `json:"paid_at"`
	Day        string            `json:"day" validate:"datetime=2006-01-02"`
	Raw        []byte            `json:"raw"`
	Digest     [32]byte          `json:"digest"`
	Lines      []Line            `json:"lines" validate:"required,min=1,dive"`
	ShipTo     Address           `json:"ship_to"`
	BillTo     *Address          `json:"bill_to" class:"restricted"`
	Labels     map[string]string `json:"labels"`
	Scores     [3]float64        `json:"scores"`
	Extra      json.RawMessage   `json:"extra"`
	Anything   interface{}       `json:"anything"`
	Place      struct {
		Lat, Lon float64
	} `json:"place"`
	Note      string        `json:"note" db:"remark"` // what the customer says
	Elapsed   time.Duration `json:"elapsed" unit:"ns"`
	OldName   string        `json:"new_name" runi:"renamed_from(old_name, until=2027-03-31)"`
	Product   string        `json:"product" runi:"references=Product.sku"`
	Stock     Warehouse     `json:"stock"`
	Legacy    string        `json:"legacy" runi:"deprecated(until=2027-06-30)"`
	Table     string        `db:"table_name"`
	Plain     bool
	Done      chan struct{} `json:"done"`
	OnPaid    func()        `json:"on_paid"`
	Page      Page[Line]    `json:"page"`
	internal  string
	Secret    string `json:"-"`
	Dash      string `json:"-,"`
}

// Page has parameters.
type Page[T any] struct {
	Items []T
}

// Shipment stands by itself.
type Shipment struct {
	ID    int64  `json:"id" runi:"key"`
	Order string `json:"order"`
}

// Helper is no data.
type Helper interface{ Help() }

func (o *Order) Touch() { o.UpdatedAt = nil }
