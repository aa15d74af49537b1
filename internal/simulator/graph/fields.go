package graph

import (
	"slices"
	"strings"
)

// node describes one kind of object: its name in errors, its fields with the first version that has them, those that
// are sent when none is asked for, and the one that is sent without being asked for.
type node struct {
	name     string
	fields   map[string]int
	standard []string
	without  string
}

// always is the version of fields that every version here has.
const always = 0

func fieldsOf(list string) map[string]int {
	out := map[string]int{}
	for f := range strings.FieldsSeq(list) {
		out[f] = always
	}
	return out
}

func since(fields map[string]int, version int, list string) map[string]int {
	for f := range strings.FieldsSeq(list) {
		fields[f] = version
	}
	return fields
}

// limitVersion is the first version with the portfolio's limit.
const limitVersion = 24

var (
	numberNode = node{
		"WhatsAppBusinessPhoneNumber", since(fieldsOf(`id display_phone_number verified_name status
		quality_rating quality_score messaging_limit_tier name_status new_name_status new_display_name
		code_verification_status throughput health_status account_mode platform_type is_official_business_account
		is_pin_enabled is_on_biz_app is_preverified_number last_onboarded_time search_visibility webhook_configuration
		conversational_automation country_code country_dial_code username certificate new_certificate`),
			limitVersion, "whatsapp_business_manager_messaging_limit"),
		strings.Fields("verified_name code_verification_status display_phone_number quality_rating platform_type throughput id"), "id",
	}
	wabaNode = node{
		"WhatsAppBusinessAccount", since(fieldsOf(`account_review_status analytics
		auth_international_rate_eligibility business_verification_status country creation_time currency
		disable_marketing_messages_on_cloud_api health_status id is_enabled_for_insights is_shared_with_partners
		linked_commerce_account marketing_messages_lite_api_status marketing_messages_onboarding_status
		message_template_namespace name on_behalf_of_business_info owner_business owner_business_info ownership_type
		primary_business_location primary_funding_id purchase_order_number status template_auto_archival_enabled
		timezone_id conversation_analytics pricing_analytics`),
			limitVersion, "whatsapp_business_manager_messaging_limit"),
		strings.Fields("id name currency timezone_id message_template_namespace"), "id",
	}
	portfolioNode = node{"Business", since(fieldsOf("id name timezone_id verification_status"),
		limitVersion, "whatsapp_business_manager_messaging_limit"), strings.Fields("id name"), "id"}
	templateNode = node{"WhatsAppMessageTemplate", fieldsOf(`id name language status category sub_category
		previous_category correct_category rejected_reason quality_score last_updated_time parameter_format components
		health_status`), strings.Fields("name status category language id"), "id"}
	profileNode = node{"WhatsAppBusinessProfile", fieldsOf(`about address description email profile_picture_url
		websites vertical messaging_product`), strings.Fields("about messaging_product"), "messaging_product"}
	appNode = node{
		"WhatsAppBusinessAccountToApplication", fieldsOf("whatsapp_business_api_data override_callback_uri"),
		strings.Fields("whatsapp_business_api_data override_callback_uri"), "",
	}
)

// removed is a field that an edge lost; the empty edge is the node itself.
type removed struct{ edge, field string }

// want is one asked field with its parameters: analytics.start(1).end(2).
type want struct {
	name string
	args map[string]string
}

// wants reads the fields parameter and refuses what the node does not have.
func (s *Server) wants(c call, n node) ([]want, *refusal) {
	list := split(c.query.Get("fields"))
	if len(list) == 0 {
		list = n.standard
	}
	var out []want
	for _, f := range list {
		w, ok := parseWant(f)
		if !ok {
			return nil, badParameter("Syntax error in the fields parameter")
		}
		from, known := n.fields[w.name]
		if !known || c.version < from || s.removed[removed{strings.Join(c.path[1:], "/"), w.name}] {
			return nil, unknownField(w.name, n.name)
		}
		out = append(out, w)
	}
	if n.without != "" && !slices.ContainsFunc(out, func(w want) bool { return w.name == n.without }) {
		out = append(out, want{name: n.without})
	}
	return out, nil
}

// split cuts a list at the commas outside brackets.
func split(list string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range list {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, list[from:i]), i+1
			}
		}
	}
	if from < len(list) {
		out = append(out, list[from:])
	}
	return out
}

func parseWant(f string) (want, bool) {
	name, rest, _ := strings.Cut(f, ".")
	name, _, _ = strings.Cut(name, "{")
	w := want{name: strings.TrimSpace(name), args: map[string]string{}}
	for rest != "" {
		key, after, ok := strings.Cut(rest, "(")
		if !ok {
			return w, false
		}
		value, next, ok := strings.Cut(after, ")")
		if !ok {
			return w, false
		}
		w.args[key] = value
		rest = strings.TrimPrefix(next, ".")
	}
	return w, w.name != ""
}

// pick is the part of an object that was asked for. Values that are nil are not sent.
func pick(wants []want, all map[string]any) map[string]any {
	out := map[string]any{}
	for _, w := range wants {
		if v, ok := all[w.name]; ok && v != nil {
			out[w.name] = v
		}
	}
	return out
}

// RefuseField makes the API take away a field of the objects on an edge, as Meta does now and then; the empty edge
// is the node itself.
func (s *Server) RefuseField(edge, field string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	s.removed[removed{edge, field}] = true
}
